export default {
  name: '@ingot/loki',
  version: '0.1.0',
  description: 'Log pipelines: reading files, processing entries, and pushing them to Loki.',
  license: 'Apache-2.0',
  keywords: ['logs', 'loki', 'tail', 'files', 'parsing', 'push'],
  components: ['source.file', 'process', 'write'],
}
