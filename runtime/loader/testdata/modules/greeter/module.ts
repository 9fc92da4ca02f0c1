export default {
  name: '@acme/greeter',
  version: '1.2.0',
  description: 'Greets.',
  license: 'Apache-2.0',
  components: ['hello'],
  configs: ['twice.alloy'],
}
