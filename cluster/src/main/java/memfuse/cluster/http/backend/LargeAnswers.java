package memfuse.cluster.http.backend;

import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.Executor;
import memfuse.cluster.http.backend.AnswerBytes.Share;
import memfuse.cluster.http.output.Refusals;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * Sends large answers piece by piece, so that it is known when their client has taken them, and counts them until then.
 * Thread-safe.
 */
public final class LargeAnswers {
    private static final int PIECE_BYTES = 64 << 10;

    /** An answer that its connection did not begin to send by then belongs to a connection that is gone. */
    private static final Duration BEGIN_LIMIT = Duration.ofSeconds(30);

    private final ClassicActorSystemProvider system;
    private final AnswerBytes bytes;
    private final Executor continuations;

    public LargeAnswers(ClassicActorSystemProvider system, AnswerBytes bytes, Executor continuations) {
        this.system = system;
        this.bytes = bytes;
        this.continuations = continuations;
    }

    /** The same answer, counted until it is sent; or a refusal, where there is no room for it. */
    public HttpResponse counted(HttpResponse answer) {
        Share reserved = answer.getAttribute(AnswerBytes.SHARE).orElse(null);
        if (!(answer.entity() instanceof HttpEntity.Strict strict)
                || strict.getData().size() < AnswerBytes.COUNTED_FROM) {
            if (reserved != null) {
                reserved.giveBack();
            }
            return answer;
        }
        ByteString body = strict.getData();
        Share share = reserved == null ? bytes.tryTake(body.size()) : reserved;
        if (share == null) {
            return Refusals.tooManyAnswers();
        }
        share.resize(body.size());
        return answer.removeAttribute(AnswerBytes.SHARE)
                .withEntity(HttpEntities.create(strict.getContentType(), body.size(), pieces(body, share)));
    }

    private Source<ByteString, NotUsed> pieces(ByteString body, Share share) {
        Cancellable neverBegun = system.classicSystem()
                .scheduler()
                .scheduleOnce(
                        BEGIN_LIMIT, share::giveBack, system.classicSystem().dispatcher());
        return Source.fromIterator(() -> new Pieces(body)).watchTermination((ignored, end) -> {
            neverBegun.cancel();
            end.whenCompleteAsync((done, failure) -> share.giveBack(), continuations);
            return ignored;
        });
    }

    private static final class Pieces implements Iterator<ByteString> {
        private ByteString rest;

        Pieces(ByteString body) {
            rest = body;
        }

        @Override
        public boolean hasNext() {
            return !rest.isEmpty();
        }

        @Override
        public ByteString next() {
            if (rest.isEmpty()) {
                throw new NoSuchElementException();
            }
            ByteString piece = rest.take(PIECE_BYTES);
            rest = rest.drop(PIECE_BYTES);
            return piece;
        }
    }
}
