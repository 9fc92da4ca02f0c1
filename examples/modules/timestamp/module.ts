export default {
  name: '@acme/timestamp',
  version: '1.0.0',
  description: 'Takes the time of log entries from their lines.',
  license: 'Apache-2.0',
  components: ['from_line'],
}
