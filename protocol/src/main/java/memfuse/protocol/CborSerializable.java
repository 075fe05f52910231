package memfuse.protocol;

/** Marks what may cross the wire or enter the journal; Pekko's Jackson serializer writes it as CBOR. */
public interface CborSerializable {}
