/** Tests of the turns that users take. */
@NullMarked
package memfuse.actors.turns;

import org.jspecify.annotations.NullMarked;
