/** Tests of what keys look like and permit. */
@NullMarked
package memfuse.protocol.auth;

import org.jspecify.annotations.NullMarked;
