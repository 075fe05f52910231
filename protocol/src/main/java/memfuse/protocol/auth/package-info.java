/**
 * API keys: what they permit, whose they are, and the port that keeps them.
 *
 * <p>The HTTP edge makes and checks them. A key itself is stored nowhere, only its digest.
 */
@NullMarked
package memfuse.protocol.auth;

import org.jspecify.annotations.NullMarked;
