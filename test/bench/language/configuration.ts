/** How many blocks read the targets of each pool: `discovery.relabel.pool_10` has ten. */
export const poolSizes = [1, 10, 100, 1000] as const

const serviceComponents = 9
const tracesComponents = 3
const teamComponents = 3
/** One service in so many has traces. */
const tracedEvery = 5

/**
 * A configuration as a company has it: a file for each team, with a pipeline of metrics and one of logs for each of its
 * services, some with traces; half of the metrics through a custom component. What the teams share is in a file of its own.
 * @param components how many there are, with those inside of custom components
 */
export function companyConfiguration(components: number, files: number): Readonly<Record<string, string>> {
  const pools = poolUsers()
  const texts: Record<string, string> = { 'shared.alloy': sharedFile() }
  const each = components / (files - 1)
  for (let team = 0; team < files - 1; team++) {
    const services: string[] = []
    let count = teamComponents
    for (let index = 0; count + serviceComponents <= each; index++) {
      const traced = index % tracedEvery === 0
      services.push(service(team, index, pools), ...(traced ? [traces(team, index)] : []))
      count += serviceComponents + (traced ? tracesComponents : 0)
    }
    texts[`team-${String(team).padStart(2, '0')}.alloy`] = teamFile(team) + services.join('')
  }
  return texts
}

/** The pool of the next reader; once all of them have their readers, none. */
function* poolUsers(): Generator<string> {
  for (const size of poolSizes) for (let user = 0; user < size; user++) yield `pool_${size}`
}

function sharedFile(): string {
  const pools = poolSizes.map(
    (size) => `discovery.relabel "pool_${size}" {
	targets = [{__address__ = "pool-${size}.example.net:9100"}]

	rule {
		target_label = "pool"
		replacement  = "${size}"
	}
}
`,
  )
  return `logging {
	level = "warn"
}

// Scrapes one service and hands its samples on.
declare "service_metrics" {
	argument "targets" {
		comment = "Where the service answers."
	}

	argument "forward_to" { }

	argument "interval" {
		optional = true
		default  = "30s"
	}

	discovery.relabel "own" {
		targets = argument.targets.value

		rule {
			source_labels = ["__address__"]
			regex         = "([^:]+):\\\\d+"
			target_label  = "instance"
		}
	}

	prometheus.scrape "own" {
		targets         = discovery.relabel.own.output
		forward_to      = [prometheus.relabel.own.receiver]
		scrape_interval = argument.interval.value
	}

	prometheus.relabel "own" {
		forward_to = argument.forward_to.value

		rule {
			source_labels = ["__name__"]
			regex         = "go_.*|process_.*"
			action        = "drop"
		}
	}

	export "receiver" {
		value = prometheus.relabel.own.receiver
	}
}

loki.write "central" {
	endpoint {
		url = string.format("http://127.0.0.1:9/loki/api/v1/push%s", sys.env("CENTRAL_LOGS_QUERY"))
	}
}

prometheus.remote_write "central" {
	endpoint {
		url = "http://127.0.0.1:9/api/v1/write"
	}
}

otelcol.exporter.otlphttp "central" {
	client {
		endpoint = "http://127.0.0.1:9"
	}
}

${pools.join('\n')}`
}

function teamFile(team: number): string {
  return `// Team ${team}
local.file "token_${team}" {
	filename  = "/etc/ingot/tokens/${team}"
	is_secret = true
}

prometheus.remote_write "team_${team}" {
	external_labels = {team = "team-${team}", cluster = string.format("%s-%d", "eu", ${team})}

	endpoint {
		url          = "http://127.0.0.1:9/${team}/api/v1/write"
		bearer_token = local.file.token_${team}.content
	}
}

loki.write "team_${team}" {
	external_labels = {team = "team-${team}"}

	endpoint {
		url          = "http://127.0.0.1:9/${team}/loki/api/v1/push"
		bearer_token = local.file.token_${team}.content
	}
}
`
}

function service(team: number, index: number, pools: Generator<string>): string {
  const id = `${team}_${index}`
  const own = `[{__address__ = "service-${id}.example.net:8080", service = "service-${id}"}]`
  const targets = () => {
    const { value: pool } = pools.next() as { readonly value: string | undefined }
    return pool ? `array.concat(\n\t\tdiscovery.relabel.${pool}.output,\n\t\t${own},\n\t)` : own
  }
  return `
discovery.relabel "service_${id}" {
	targets = ${targets()}

	rule {
		source_labels = ["__address__", "service"]
		separator     = "/"
		regex         = "([^:]+):(\\\\d+)/(.*)"
		target_label  = "instance"
		replacement   = "$3 at $1"
	}

	rule {
		target_label = "team"
		replacement  = "team-${team}"
	}
}

prometheus.scrape "service_${id}" {
	targets         = discovery.relabel.service_${id}.output
	forward_to      = [prometheus.relabel.service_${id}.receiver]
	job_name        = "service-${id}"
	scrape_interval = "15s"
}

prometheus.relabel "service_${id}" {
	forward_to = [
		prometheus.remote_write.team_${team}.receiver,
		prometheus.remote_write.central.receiver,
	]

	rule {
		source_labels = ["__name__"]
		regex         = "go_(gc|memstats)_.*"
		action        = "drop"
	}
}

service_metrics "service_${id}" {
	targets    = ${targets()}
	forward_to = [prometheus.remote_write.team_${team}.receiver]
	interval   = "60s"
}

local.file_match "service_${id}" {
	path_targets = [{__path__ = "/var/log/service-${id}/*.log", job = "service-${id}"}]
}

loki.source.file "service_${id}" {
	targets    = local.file_match.service_${id}.targets
	forward_to = [loki.process.service_${id}.receiver]
}

loki.process "service_${id}" {
	forward_to = [loki.write.team_${team}.receiver, loki.write.central.receiver]

	stage.json {
		expressions = {level = "level", message = "msg", trace = "trace_id"}
	}

	stage.labels {
		values = {level = ""}
	}

	stage.drop {
		source = "level"
		value  = "debug"
	}

	stage.static_labels {
		values = {service = "service-${id}"}
	}
}
`
}

function traces(team: number, index: number): string {
  const id = `${team}_${index}`
  return `
otelcol.receiver.otlp "service_${id}" {
	http {
		endpoint = "127.0.0.1:${10_000 + team * 100 + index}"
	}

	output {
		traces = [otelcol.processor.batch.service_${id}.input]
	}
}

otelcol.processor.batch "service_${id}" {
	timeout = "2s"

	output {
		traces = [otelcol.exporter.otlphttp.service_${id}.input, otelcol.exporter.otlphttp.central.input]
	}
}

otelcol.exporter.otlphttp "service_${id}" {
	client {
		endpoint = "http://127.0.0.1:9/${team}"
	}
}
`
}
