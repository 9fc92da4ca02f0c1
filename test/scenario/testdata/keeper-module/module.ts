export default {
  name: '@acme/keeper',
  version: '1.0.0',
  description: 'A third-party component that is given a secret, sends it on, and tells all that it knows of it.',
  license: 'Apache-2.0',
  components: ['keep'],
}
