export default {
  name: '@acme/asking',
  version: '1.0.0',
  description: 'A component that needs a power which no argument of it designates.',
  license: 'Apache-2.0',
  components: ['lookup'],
}
