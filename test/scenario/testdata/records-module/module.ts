export default {
  name: '@acme/orders',
  version: '1.0.0',
  description: 'A stream of its own, for tests.',
  license: 'Apache-2.0',
  components: ['made', 'summed', 'refunded'],
}
