export default {
  name: '@my-team/my-module',
  version: '0.1.0',
  description: 'Reads log lines from a URL, again and again.',
  license: 'Apache-2.0',
  components: ['poll'],
}
