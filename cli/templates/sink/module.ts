export default {
  name: '@my-team/my-module',
  version: '0.1.0',
  description: 'Posts log lines to a URL as JSON.',
  license: 'Apache-2.0',
  components: ['post'],
}
