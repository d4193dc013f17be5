package weir.flink;

import static java.nio.charset.StandardCharsets.UTF_8;

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
 * reaches a function instead, which puts it into the dead letters.
 */
public final class RoutableRecords implements ConsumerInterceptor<byte[], byte[]> {
  /** Has no slash, so it is the id of no flow partition. */
  private static final byte[] NO_KEY = "no-key".getBytes(UTF_8);

  private static final byte[] NO_VALUE = {};

  @Override
  public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (!isRoutable(record)) return allRoutable(records);
    }
    return records;
  }

  private static boolean isRoutable(ConsumerRecord<byte[], byte[]> record) {
    return record.key() != null && record.value() != null;
  }

  private static ConsumerRecords<byte[], byte[]> allRoutable(ConsumerRecords<byte[], byte[]> records) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> byPartition = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> routable = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) routable.add(routable(record));
      byPartition.put(partition, routable);
    }
    return new ConsumerRecords<>(byPartition);
  }

  private static ConsumerRecord<byte[], byte[]> routable(ConsumerRecord<byte[], byte[]> record) {
    if (isRoutable(record)) return record;
    byte[] key = record.key() == null ? NO_KEY : record.key();
    byte[] value = record.value() == null ? NO_VALUE : record.value();
    return new ConsumerRecord<>(record.topic(), record.partition(), record.offset(), key, value);
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

  @Override
  public void close() {}

  @Override
  public void configure(Map<String, ?> settings) {}
}
