/** The live example of the page about branding: settings, how a portal looks with them, and the request that sets them. */
import { contrast } from '../../ui/theme/oklch.ts';
import type { Scheme } from '../../ui/theme/palette.ts';
import { colorsOf, type Look, type Variable, variableFailures } from '../../ui/theme/theme.ts';
import { element } from './element.ts';

/** Two brands to begin with. */
const brands: Record<string, Look> = {
  Harbor: { primaryColor: '#0f766e', neutral: 'zinc', radius: 'medium', density: 'comfortable' },
  Ember: {
    ...{ primaryColor: '#c2410c', primaryColorDark: '#fb923c', neutral: 'stone', radius: 'none', density: 'compact' },
    variables: [{ name: '--portico-ground', light: '#fffaf0', dark: '#14110c' }],
  },
};
const radiusOf: Record<string, string> = { none: '0', small: '4px', medium: '8px', large: '12px' };
const choices = {
  neutral: ['zinc', 'slate', 'gray', 'stone', 'neutral'],
  radius: Object.keys(radiusOf),
  density: ['comfortable', 'compact'],
};

const labelled = (text: string, control: HTMLElement) => element('label', {}, element('span', {}, text), control);
const colorInput = () => element('input', { type: 'color' });
const select = (values: readonly string[]) =>
  element('select', {}, ...values.map((value) => element('option', { value }, value)));

const brand = select(Object.keys(brands));
const primary = colorInput();
const primaryDark = colorInput();
const ground = colorInput();
const groundDark = colorInput();
const neutral = select(choices.neutral);
const radius = select(choices.radius);
const density = select(choices.density);
const scheme = select(['light', 'dark']);

const problem = element('p', { className: 'theme-problem' });
problem.setAttribute('role', 'status');
const note = element('p', { className: 'theme-note' });
const request = element('code', {});
const preview = element(
  'div',
  { className: 'theme-preview' },
  element('p', { className: 'theme-head' }, element('strong', {}, 'Acme'), element('span', {}, 'API keys')),
  element(
    'ul',
    {},
    ...[
      ['Production', 'acme_lyOG••••', 'Active', 'good'],
      ['Staging', 'acme_8sKd••••', 'Expires in 5 days', 'warning'],
      ['Laptop', 'acme_Qx2f••••', 'Expired', 'bad'],
    ].map(([name = '', start = '', status = '', kind = '']) =>
      element(
        'li',
        {},
        element('span', {}, element('strong', {}, name), element('small', {}, start)),
        element('em', { className: kind }, status),
      ),
    ),
  ),
  element('p', { className: 'theme-buttons' }, element('b', {}, 'Create key'), element('u', {}, 'Read the guide')),
);
preview.setAttribute('role', 'img');

/** The settings as they are chosen. A ground that is the default is not set. */
function lookNow(): Look & { variables: Variable[] } {
  const isOwn = ground.value !== '#ffffff' || groundDark.value !== '#0b0b0d';
  return {
    primaryColor: primary.value,
    primaryColorDark: primaryDark.value,
    neutral: neutral.value,
    radius: radius.value,
    density: density.value,
    variables: isOwn ? [{ name: '--portico-ground', light: ground.value, dark: groundDark.value }] : [],
  };
}

function show(): void {
  const look = lookNow();
  const failures = look.variables.flatMap(variableFailures);
  problem.textContent = failures
    .map(({ field, message, fix }) => `The ${field} background ${message}. ${fix}`)
    .join(' ');
  const shown = scheme.value as Scheme;
  const colors = colorsOf(look, shown);
  for (const [name, color] of Object.entries(colors)) preview.style.setProperty(`--${name}`, color);
  preview.style.setProperty('--radius', radiusOf[look.radius ?? ''] ?? '8px');
  preview.style.setProperty('--density', look.density === 'compact' ? '0.6' : '1');
  const ratio = (color: string, on: string) => contrast(color, on).toFixed(1);
  note.textContent = `Contrast: text ${ratio(colors.text, colors.ground)}, links ${ratio(colors['accent-text'], colors.ground)}, button ${ratio(colors['on-fill'], colors.fill)} to 1.`;
  preview.setAttribute('aria-label', `A portal in the ${shown} scheme. ${note.textContent}`);
  const { variables, ...settings } = look;
  const branding = variables.length > 0 ? { ...settings, variables } : settings;
  request.textContent = JSON.stringify({ branding }, null, 2);
}

function choose(look: Look): void {
  primary.value = look.primaryColor;
  primaryDark.value = look.primaryColorDark ?? look.primaryColor;
  ground.value = look.variables?.[0]?.light ?? '#ffffff';
  groundDark.value = look.variables?.[0]?.dark ?? '#0b0b0d';
  neutral.value = look.neutral ?? 'zinc';
  radius.value = look.radius ?? 'medium';
  density.value = look.density ?? 'comfortable';
  show();
}

const controls = element(
  'div',
  { className: 'theme-controls' },
  labelled('Start from', brand),
  labelled('Scheme shown', scheme),
  labelled('Brand color', primary),
  labelled('Brand color, dark', primaryDark),
  labelled('Background', ground),
  labelled('Background, dark', groundDark),
  labelled('Neutral', neutral),
  labelled('Corners', radius),
  labelled('Density', density),
);
controls.setAttribute('role', 'group');
controls.setAttribute('aria-label', 'Settings');

/** The heading in docs/integrate/branding.md that the example follows. */
const place = document.getElementById('try-it')?.nextElementSibling;
if (place) {
  const code = element('pre', { tabIndex: 0 }, request);
  place.after(
    element(
      'div',
      { id: 'theme-example' },
      controls,
      preview,
      problem,
      note,
      element('figure', { className: 'code' }, code),
    ),
  );
  controls.addEventListener('input', ({ target }) => {
    if (target === brand) choose(brands[brand.value] ?? { primaryColor: '#2563eb' });
    else show();
  });
  scheme.value = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  choose(brands['Harbor'] ?? { primaryColor: '#2563eb' });
}
