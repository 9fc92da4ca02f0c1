export default {
  name: '@acme/protobuf',
  version: '1.0.0',
  description: 'Makes JSON of log lines that hold protobuf messages.',
  license: 'Apache-2.0',
  components: ['to_json'],
}
