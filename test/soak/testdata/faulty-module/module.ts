export default {
  name: '@acme/faulty',
  version: '1.0.0',
  description: 'A third-party component with every fault that a line asks for.',
  license: 'Apache-2.0',
  components: ['pass'],
}
