package memfuse.actors.session;

import java.time.Duration;
import memfuse.actors.session.SessionSettings.FlushStrategy;

/** Session settings for a test: the defaults, and what the test changes of them. */
final class SettingsDraft {
    private boolean buffered = true;
    private int roundMaxTokens = 800;
    private int roundMaxSize = 5;
    private int hybridMaxSize = 5;
    private FlushStrategy flushStrategy = FlushStrategy.HYBRID;
    private Duration flushInterval = Duration.ofMinutes(1);
    private int highWaterMessages = 512;
    private long highWaterBytes = 262_144;
    private boolean waitForEmbedding;

    static SettingsDraft settings() {
        return new SettingsDraft();
    }

    SettingsDraft unbuffered() {
        buffered = false;
        return this;
    }

    SettingsDraft roundBuffer(int maxTokens, int maxSize) {
        roundMaxTokens = maxTokens;
        roundMaxSize = maxSize;
        return this;
    }

    SettingsDraft hybridMaxSize(int rounds) {
        hybridMaxSize = rounds;
        return this;
    }

    SettingsDraft flush(FlushStrategy strategy, Duration interval) {
        flushStrategy = strategy;
        flushInterval = interval;
        return this;
    }

    SettingsDraft highWater(int messages, long bytes) {
        highWaterMessages = messages;
        highWaterBytes = bytes;
        return this;
    }

    SettingsDraft waitForEmbedding() {
        waitForEmbedding = true;
        return this;
    }

    SessionSettings build() {
        return new SessionSettings(
                buffered,
                roundMaxTokens,
                roundMaxSize,
                hybridMaxSize,
                flushStrategy,
                flushInterval,
                highWaterMessages,
                highWaterBytes,
                waitForEmbedding);
    }
}
