export default {
  name: '@acme/reads-files',
  version: '1.0.0',
  description: 'Imports what a portable module must not.',
  license: 'Apache-2.0',
  components: ['reader'],
}
