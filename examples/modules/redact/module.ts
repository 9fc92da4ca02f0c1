export default {
  name: '@acme/redact',
  version: '1.0.0',
  description: 'Masks card numbers, e-mail addresses and bearer tokens in log lines.',
  license: 'Apache-2.0',
  components: ['pii'],
}
