export default {
  name: '@acme/wandering',
  version: '1.0.0',
  description: 'A third-party component whose lines depend on everything that a module can ask its host for.',
  license: 'Apache-2.0',
  components: ['wander'],
}
