export default {
  name: '@my-team/my-module',
  version: '0.1.0',
  description: 'Knows where our shards are.',
  license: 'Apache-2.0',
  functions: ['endpoint'],
}
