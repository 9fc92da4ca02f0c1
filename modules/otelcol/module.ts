export default {
  name: '@ingot/otelcol',
  version: '0.1.0',
  description: 'OpenTelemetry pipelines: metrics, logs and traces over OTLP.',
  license: 'Apache-2.0',
  keywords: ['opentelemetry', 'otlp', 'traces', 'metrics', 'logs', 'grpc'],
  components: ['receiver.otlp', 'processor.batch', 'exporter.otlp', 'exporter.otlphttp', 'exporter.debug'],
}
