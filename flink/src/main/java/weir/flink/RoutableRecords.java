package weir.flink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Gives every record that Flink reads a key and a value. The ingress of Stateful Functions routes by key and fails the
 * whole job, again after each restart, at a record that lacks either. With a key that addresses no partition the record
 * reaches a function instead, which puts it into the dead letters. As the ingress hands on key and value alone, the place
 * of the record follows its value: a mark, the partition and the offset, {@value #PLACE_BYTES} bytes, big-endian.
 */
public final class RoutableRecords implements ConsumerInterceptor<byte[], byte[]> {
  /** Has no slash, so it is the id of no flow partition. */
  private static final byte[] NO_KEY = "no-key".getBytes(UTF_8);

  private static final byte[] NO_VALUE = {};

  /** "WKP" and the version of the place. */
  private static final int PLACE_MARK = 0x574b5001;

  private static final int PLACE_BYTES = 16;

  @Override
  public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> byPartition = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> routable = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) routable.add(routable(record));
      byPartition.put(partition, routable);
    }
    return new ConsumerRecords<>(byPartition);
  }

  private static ConsumerRecord<byte[], byte[]> routable(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key() == null ? NO_KEY : record.key();
    byte[] value = record.value() == null ? NO_VALUE : record.value();
    byte[] placed =
        ByteBuffer.allocate(value.length + PLACE_BYTES)
            .put(value)
            .putInt(PLACE_MARK)
            .putInt(record.partition())
            .putLong(record.offset())
            .array();
    return new ConsumerRecord<>(record.topic(), record.partition(), record.offset(), key, placed);
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

  @Override
  public void close() {}

  @Override
  public void configure(Map<String, ?> settings) {}
}
