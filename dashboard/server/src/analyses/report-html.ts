import type { Incident } from '@weir/contracts';
import type { Analysis, Distribution } from '@weir/contracts/dashboard-api';
import type { AnalysisResult } from '../ports.js';

const STYLE = `:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
td.number{text-align:right;font-variant-numeric:tabular-nums}section{break-inside:avoid;margin:2rem 0}h2{margin-bottom:.2rem}
.muted{opacity:.7}svg{width:100%;height:8rem}.normal{fill:#4a90d9}.anomalous{fill:#d9534a}`;

/** A report that is one file without scripts, so that it can be mailed and printed. All text in it is escaped. */
export function reportHtml(analysis: Analysis, result: AnalysisResult): string {
  const { incidents, flows, packets, startMs, endMs, warnings, distributions } = result;
  const name = escapeHtml(analysis.fileName);
  const facts = [
    ['File', `${name}, ${analysis.fileBytes} bytes`],
    ['Analysed', `${time(analysis.startedAtMs)} by ${escapeHtml(analysis.startedBy)}`],
    ['Traffic', startMs === undefined || endMs === undefined ? 'no flows' : `${time(startMs)} to ${time(endMs)}`],
    ['Read', `${packets} packets, ${flows} flows`],
    ['Found', `${incidents.length} incidents`],
    ...warnings.map((warning) => ['Warning', escapeHtml(warning)]),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Weir: ${name}</title><style>${STYLE}</style></head><body>
<h1>What Weir found in ${name}</h1>
<table>${facts.map(([label, value]) => `<tr><th scope="row">${label}</th><td>${value}</td></tr>`).join('')}</table>
${incidents.map(incidentSection).join('\n')}
<h2>Flows</h2>${distributions.map(distributionFigure).join('\n')}
</body></html>
`;
}

function incidentSection(incident: Incident): string {
  const { severity, kind, title, summary, startMs, endMs, counterfactual, advice, techniques, evidence } = incident;
  const rows = evidence.map(
    ({ measure, unit, value, normal, threshold }) =>
      `<tr><td>${escapeHtml(measure)}</td>${[value, normal, threshold].map(numberCell).join('')}<td>${escapeHtml(unit)}</td></tr>`,
  );
  const technique = techniques.map(({ id, name }) => `${escapeHtml(id)} ${escapeHtml(name)}`).join(', ');
  return `<section><h2>${escapeHtml(title)}</h2>
<p class="muted">${escapeHtml(severity)} · ${escapeHtml(kind)} · ${time(startMs)} to ${time(endMs)}</p>
<p>${escapeHtml(summary)}</p>
<table><tr><th>Evidence</th><th>Measured</th><th>Normal</th><th>Threshold</th><th>Unit</th></tr>${rows.join('')}</table>
<p><strong>Normal if:</strong> ${escapeHtml(counterfactual)}</p>
${technique === '' ? '' : `<p><strong>ATT&amp;CK:</strong> ${technique}</p>`}
<p><strong>Do next:</strong></p><ol>${advice.map((step) => `<li>${escapeHtml(step)}</li>`).join('')}</ol></section>`;
}

function numberCell(value: number | undefined): string {
  return `<td class="number">${value === undefined ? '' : Number(value.toPrecision(4))}</td>`;
}

/** Bars of normal and anomalous flows on a log scale of counts. */
function distributionFigure({ measure, unit, edges, normal, anomalous }: Distribution): string {
  const most = Math.log1p(Math.max(1, ...normal, ...anomalous));
  const width = 100 / Math.max(1, normal.length);
  const bar = (kind: string, offset: number) => (count: number, i: number) => {
    const height = (Math.log1p(count) / most) * 100;
    return `<rect class="${kind}" x="${((i + offset) * width).toFixed(2)}" y="${(100 - height).toFixed(2)}" width="${(width * 0.45).toFixed(2)}" height="${height.toFixed(2)}"/>`;
  };
  const bars = [...normal.map(bar('normal', 0)), ...anomalous.map(bar('anomalous', 0.5))].join('');
  const ends = `${Number((edges[0] ?? 0).toPrecision(3))} to ${Number((edges.at(-1) ?? 0).toPrecision(3))} ${escapeHtml(unit)}`;
  return `<figure><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${measure} of flows">${bars}</svg>
<figcaption>${measure}, ${ends}; normal flows blue, anomalous red; heights on a log scale</figcaption></figure>`;
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `text` as text of HTML, in elements and in quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ESCAPES[sign]!);
}
