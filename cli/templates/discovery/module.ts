export default {
  name: '@my-team/my-module',
  version: '0.1.0',
  description: 'Finds targets in a list.',
  license: 'Apache-2.0',
  components: ['listed'],
}
