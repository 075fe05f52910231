/**
 * What every module speaks: values, actor protocols and ports.
 *
 * <p>Nothing here knows how a promise is kept; it says what the promise is.
 */
@NullMarked
package memfuse.protocol;

import org.jspecify.annotations.NullMarked;
