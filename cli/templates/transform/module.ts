export default {
  name: '@my-team/my-module',
  version: '0.1.0',
  description: 'Keeps the log entries that matter.',
  license: 'Apache-2.0',
  components: ['keep'],
}
