export default {
  name: '@acme/hostile',
  version: '1.0.0',
  description: 'A third-party component that does to a batch what its configuration says.',
  license: 'Apache-2.0',
  components: ['pass'],
}
