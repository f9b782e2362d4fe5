/** Tokens of services in the form that each gives them out, under names that tell nothing, in ten languages. */

import type { Draw, Kind } from './plant.ts';
import { s } from './plant.ts';

type Form = (draw: Draw) => string;
const forms: Readonly<Record<string, Form>> = {
  'AWS access key': (d) => `AKIA${d.b32(16)}`,
  'AWS secret key': (d) => d.b64(40),
  'GitHub classic': (d) => `ghp_${d.b62(36)}`,
  'GitHub fine-grained': (d) => `github_pat_${d.b62(22)}_${d.b62(59)}`,
  'GitHub app': (d) => `ghs_${d.b62(36)}`,
  GitLab: (d) => `glpat-${d.url(20)}`,
  'GitLab runner': (d) => `glrt-${d.url(20)}`,
  'Slack bot': (d) => `xoxb-${d.digits(12)}-${d.digits(12)}-${d.b62(24)}`,
  'Slack app': (d) => `xapp-1-A${d.upper(10)}-${d.digits(13)}-${d.hex(64)}`,
  'Slack hook': (d) => `https://hooks.slack.com/services/T${d.upper(8)}/B${d.upper(10)}/${s(d.b62(24))}`,
  'Discord hook': (d) => `https://discord.com/api/webhooks/${d.digits(18)}/${d.url(68)}`,
  'Discord bot': (d) => `M${d.b62(23)}.${d.b62(6)}.${d.url(38)}`,
  'Teams hook': (d) =>
    `https://contoso.webhook.office.com/webhookb2/${d.hex(8)}-${d.hex(4)}-${d.hex(4)}-${d.hex(4)}-${d.hex(12)}/IncomingWebhook/${s(d.hex(32))}/${d.hex(8)}`,
  'Twilio key': (d) => `SK${d.hex(32)}`,
  'Twilio account': (d) => `AC${d.hex(32)}`,
  Mailgun: (d) => `key-${d.hex(32)}`,
  SendGrid: (d) => `SG.${d.url(22)}.${d.url(43)}`,
  Mailchimp: (d) => `${d.hex(32)}-us${d.digits(2)}`,
  Brevo: (d) => `xkeysib-${d.hex(64)}-${d.b62(16)}`,
  Stripe: (d) => `sk_live_${d.b62(24)}`,
  'Stripe restricted': (d) => `rk_live_${d.b62(99)}`,
  'Stripe hook': (d) => `whsec_${d.b62(32)}`,
  'Square token': (d) => `EAAA${d.url(60)}`,
  'Square OAuth': (d) => `sq0csp-${d.url(43)}`,
  PayPal: (d) => `access_token$production$${s(`${d.b36(16)}$${d.hex(32)}`)}`,
  Shopify: (d) => `shpat_${d.hex(32)}`,
  PyPI: (d) => `pypi-AgEIcHlwaS5vcmc${d.url(160)}`,
  npm: (d) => `npm_${d.b62(36)}`,
  RubyGems: (d) => `rubygems_${d.hex(48)}`,
  'crates.io': (d) => `cio${d.b62(32)}`,
  NuGet: (d) => `oy2${d.b36(43)}`,
  'Docker Hub': (d) => `dckr_pat_${d.url(27)}`,
  DigitalOcean: (d) => `dop_v1_${d.hex(64)}`,
  Heroku: (d) => `HRKU-AA${d.url(58)}`,
  Netlify: (d) => `nfp_${d.b62(36)}`,
  Vercel: (d) => `vcp_${d.b62(56)}`,
  'Fly.io': (d) => `FlyV1 fm2_${d.b64(120)}`,
  Supabase: (d) => `sbp_${d.hex(40)}`,
  'Terraform Cloud': (d) => `${d.b62(14)}.atlasv1.${d.b62(67)}`,
  Vault: (d) => `hvs.${d.url(95)}`,
  Doppler: (d) => `dp.pt.${d.b62(43)}`,
  Pulumi: (d) => `pul-${d.hex(40)}`,
  Databricks: (d) => `dapi${d.hex(32)}`,
  PlanetScale: (d) => `pscale_tkn_${d.url(43)}`,
  'Google API': (d) => `AIza${d.url(35)}`,
  'Google OAuth': (d) => `ya29.${d.url(120)}`,
  'Google client': (d) => `GOCSPX-${d.url(28)}`,
  'Azure AD client': (d) => `${d.b62(3)}8Q~${d.url(34)}`,
  OpenAI: (d) => `sk-proj-${d.url(74)}T3BlbkFJ${d.url(74)}`,
  Anthropic: (d) => `sk-ant-api03-${d.url(93)}AA`,
  'Hugging Face': (d) => `hf_${d.of('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', 34)}`,
  Groq: (d) => `gsk_${d.b62(52)}`,
  Replicate: (d) => `r8_${d.b62(37)}`,
  Facebook: (d) => `EAACEdEose0cBA${d.b62(120)}`,
  Telegram: (d) => `${d.digits(10)}:AA${d.url(33)}`,
  Mapbox: (d) => `sk.eyJ1Ijoi${d.url(70)}.${d.url(22)}`,
  Airtable: (d) => `pat${d.b62(14)}.${d.hex(64)}`,
  Postman: (d) => `PMAK-${d.hex(24)}-${d.hex(34)}`,
  Notion: (d) => `ntn_${d.digits(11)}${d.b62(35)}`,
  Linear: (d) => `lin_api_${d.b62(40)}`,
  Figma: (d) => `figd_${d.url(40)}`,
  Atlassian: (d) => `ATATT3xFfGF0${d.url(170)}=${d.upper(8)}`,
  'New Relic': (d) => `NRAK-${d.upper(27)}`,
  'New Relic licence': (d) => `${d.hex(36)}NRAL`,
  'Sentry DSN': (d) => `https://${s(d.hex(32))}@o${d.digits(6)}.ingest.sentry.io/${d.digits(7)}`,
  'Sentry token': (d) => `sntrys_${d.b64(100)}_${d.b64(43)}`,
  Grafana: (d) => `glsa_${d.b62(32)}_${d.hex(8)}`,
  Dynatrace: (d) => `dt0c01.${d.b32(24)}.${d.b32(64)}`,
  SonarQube: (d) => `squ_${d.hex(40)}`,
  PostHog: (d) => `phx_${d.b62(43)}`,
  LaunchDarkly: (d) => `sdk-${d.hex(8)}-${d.hex(4)}-${d.hex(4)}-${d.hex(4)}-${d.hex(12)}`,
  Tailscale: (d) => `tskey-auth-${d.b62(12)}CNTRL-${d.b62(32)}`,
  Cloudflare: (d) => `v1.0-${d.hex(24)}-${d.hex(146)}`,
  Contentful: (d) => `CFPAT-${d.url(43)}`,
  'Square access': (d) => `sq0atp-${d.url(22)}`,
  'Vault, short': (d) => `hvs.${d.b62(24)}`,
  'Zapier hook': (d) => `https://hooks.zapier.com/hooks/catch/${d.digits(7)}/${s(d.b36(7))}`,
  Asana: (d) => `1/${s(`${d.digits(16)}:${d.hex(32)}`)}`,
  Okta: (d) => `00${d.url(40)}`,
  Buildkite: (d) => `bkua_${d.hex(40)}`,
  CircleCI: (d) => `CCIPAT_${d.b62(22)}_${d.hex(40)}`,
  'JSON Web Token': (d) => `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI${d.url(60)}.${d.url(43)}`,
};

/** How a text stands in each language, and the file it stands in. */
const layouts: readonly [path: string, write: (draw: Draw, token: string) => string][] = [
  [
    'src/client.ts',
    (d, t) => `export function start() {\n  const ${d.neutral()} = '${t}';\n  return run();\n}\n`,
  ],
  ['app/views.py', (d, t) => `def view(request):\n    ${d.neutral()} = "${t}"\n    return render(request)\n`],
  ['cmd/main.go', (d, t) => `func main() {\n\t${d.neutral()} := "${t}"\n\trun()\n}\n`],
  [
    'src/Main.java',
    (d, t) => `class Main {\n  private static final String ${d.neutral().toUpperCase()} = "${t}";\n}\n`,
  ],
  ['lib/task.rb', (_, t) => `Task.configure do |c|\n  c.first '${t}'\nend\n`],
  ['web/index.php', (d, t) => `<?php\n$${d.neutral()} = '${t}';\n`],
  ['src/lib.rs', (d, t) => `fn main() {\n    let ${d.neutral()} = "${t}";\n}\n`],
  ['deploy/values.yaml', (d, t) => `service:\n  ${d.neutral()}: ${t}\n  port: 80\n`],
  ['run.sh', (d, t) => `set -e\nexport ${d.neutral().toUpperCase()}=${t}\n./start\n`],
  ['src/list.js', (_, t) => `module.exports = [\n  "${t}",\n];\n`],
  ['docs/setup.md', (_, t) => `# Set up\n\nRun it with \`${t}\` as always.\n`],
  ['src/old.c', (_, t) => `/* ${t} */\nint main(void) { return 0; }\n`],
  ['test/call.kt', (_, t) => `fun main() {\n    open(3, "${t}", true)\n}\n`],
  ['notes.txt', (_, t) => `meeting at ten\n${t}\n`],
];

/** Each service in two layouts, drawn. */
export const serviceKinds: readonly Kind[] = Object.entries(forms).map(([name, form]) => {
  let path = '';
  return {
    name,
    path: () => path,
    write: (draw) => {
      const layout = draw.pick(layouts);
      path = layout[0];
      const token = form(draw);
      return layout[1](draw, token.includes(s('').charAt(0)) ? token : s(token));
    },
  };
});
