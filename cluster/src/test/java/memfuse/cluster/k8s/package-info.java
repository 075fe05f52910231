/**
 * What is deployed beside the code agrees with it: manifests, alerts, dashboard and Dockerfile. Checked without a cluster;
 * what only {@code kubectl} can tell is skipped where it is not installed.
 */
@NullMarked
package memfuse.cluster.k8s;

import org.jspecify.annotations.NullMarked;
