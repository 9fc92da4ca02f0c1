export default {
  name: '@acme/json-schema',
  version: '1.0.0',
  description: 'Keeps log lines that are JSON of a given form.',
  license: 'Apache-2.0',
  components: ['valid'],
}
