export default {
  name: '@ingot/prometheus',
  version: '0.1.0',
  description: 'Collects, relabels and sends Prometheus metrics.',
  license: 'Apache-2.0',
  keywords: ['metrics', 'prometheus', 'scrape', 'remote-write', 'node-exporter', 'host'],
  components: ['scrape', 'relabel', 'remote_write', 'exporter.unix', 'exporter.self'],
} as const
