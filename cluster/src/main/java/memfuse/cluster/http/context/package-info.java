/**
 * The choice of what goes into a model's prompt: plain classes without HTTP, called by the resource that answers
 * {@code POST /users/{id}/context}. They promise never to pass the caller's budget of tokens.
 */
@NullMarked
package memfuse.cluster.http.context;

import org.jspecify.annotations.NullMarked;
