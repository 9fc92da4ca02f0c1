export default {
  name: '@acme/json',
  version: '1.0.0',
  description: 'Edits JSON lines as modules do that are written for convenience.',
  license: 'Apache-2.0',
  components: ['redact'],
}
