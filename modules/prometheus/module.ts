export default {
  name: '@ingot/prometheus',
  version: '0.1.0',
  description: 'Collects, relabels and sends Prometheus metrics.',
  license: 'Apache-2.0',
  components: ['scrape', 'relabel', 'remote_write', 'exporter.unix', 'exporter.self'],
} as const
