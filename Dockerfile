# syntax=docker/dockerfile:1
# Everything comes from this repository, Maven Central and two official images: docker build -t memfuse .

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY .mvn .mvn
COPY pom.xml LICENSE ./
COPY protocol protocol
COPY persistence persistence
COPY actors actors
COPY cluster cluster
COPY bench/pom.xml bench/pom.xml
RUN --mount=type=cache,target=/root/.m2 mvn -B -q -DskipTests -pl cluster -am package

FROM eclipse-temurin:17-jre
# With a name, because the tools of the embedded PostgreSQL ask for one.
RUN groupadd --gid 10001 memfuse \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data memfuse \
    && install -d -o 10001 -g 10001 /data
COPY --from=build /build/cluster/target/memfuse.jar /opt/memfuse/memfuse.jar
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV MEMFUSE_HTTP_HOST=0.0.0.0 MEMFUSE_DATA_DIR=/data
EXPOSE 8000 7355 7626
# More than a third of the memory is for what is not heap: the model, buffers of connections, threads, code. An
# OutOfMemoryError ends the node, so that another one takes its users on.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=60", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError", "-jar", "/opt/memfuse/memfuse.jar"]
