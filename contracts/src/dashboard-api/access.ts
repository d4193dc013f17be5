import { type Static, Type } from '@sinclair/typebox';
import { Count, OneOf, PageOf, PagingQuery, TimeMs } from './shapes.js';
import { CAPABILITIES, ROLES, TOKEN_SCOPES } from './words.js';

const strict = { additionalProperties: false } as const;

export const UserName = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,31}$', description: 'Name to log in with' });
const Password = Type.String({ minLength: 12, maxLength: 256, description: 'At least 12 characters' });
const RoleSchema = OneOf(ROLES, 'viewer looks, operator triages and controls, admin manages users too');

/** Who is asking. GET session; also the answer of POST session. */
export const Session = Type.Union(
  [
    Type.Object({
      kind: Type.Literal('anonymous', { description: 'Not logged in: show the login page' }),
      login: OneOf(['password', 'link'], 'link: only the one-time link that the terminal printed lets in'),
    }),
    Type.Object({
      kind: Type.Literal('user'),
      name: Type.String(),
      role: RoleSchema,
      csrfToken: Type.String({ description: 'For the header x-weir-csrf of every changing request' }),
      expiresAtMs: TimeMs('When the session ends, by the clock'),
      mustChangePassword: Type.Boolean({ description: 'The password was made by the server: ask for a new one' }),
      login: OneOf(['password', 'link'], 'How this session began'),
    }),
  ],
  { description: 'Who is asking' },
);
export type Session = Static<typeof Session>;

/** POST session. */
export const LoginBody = Type.Object(
  { name: UserName, password: Type.String({ minLength: 1, maxLength: 256 }) },
  { ...strict, description: 'Log in' },
);
export type LoginBody = Static<typeof LoginBody>;

/** PUT account/password. Ends the user's other sessions. */
export const PasswordBody = Type.Object(
  { current: Type.String({ minLength: 1, maxLength: 256 }), next: Password },
  { ...strict, description: 'Change one’s own password' },
);
export type PasswordBody = Static<typeof PasswordBody>;

/** What works in this mode, or why it does not. A page disables what is not available and shows the reason. */
export const Capability = Type.Object(
  {
    name: OneOf(CAPABILITIES, 'What it is about'),
    available: Type.Boolean(),
    reason: Type.Optional(
      Type.String({ description: 'Why not, and what would make it work; only when not available' }),
    ),
  },
  { description: 'Something that works in this mode, or not' },
);
export type Capability = Static<typeof Capability>;

/** GET capabilities. */
export const Capabilities = Type.Object(
  {
    mode: OneOf(['embedded', 'cluster'], 'How Weir runs'),
    source: Type.String({ description: 'What is watched, such as "eth0", "capture.pcap.gz at 4x" or brokers' }),
    isReplay: Type.Boolean({ description: 'Times are those of a capture, not of now' }),
    version: Type.String({ description: 'Of Weir' }),
    capabilities: Type.Array(Capability),
  },
  { description: 'What works in this mode' },
);
export type Capabilities = Static<typeof Capabilities>;

/** GET users. */
export const User = Type.Object(
  {
    name: Type.String(),
    role: RoleSchema,
    createdAtMs: TimeMs('By the clock'),
    lastLoginAtMs: Type.Optional(TimeMs('By the clock; absent: never')),
  },
  { description: 'A user' },
);
export type User = Static<typeof User>;
export const UserList = Type.Object({ items: Type.Array(User) }, { description: 'All users' });
export type UserList = Static<typeof UserList>;

/** POST users. */
export const NewUserBody = Type.Object(
  { name: UserName, role: RoleSchema, password: Password },
  { ...strict, description: 'A new user' },
);
export type NewUserBody = Static<typeof NewUserBody>;

/** PATCH users/{name}. What is absent stays. */
export const UserChangeBody = Type.Object(
  { role: Type.Optional(RoleSchema), password: Type.Optional(Password) },
  { ...strict, description: 'Changes of a user' },
);
export type UserChangeBody = Static<typeof UserChangeBody>;

/** GET tokens. The secret itself is shown once, when it is made. */
export const ApiToken = Type.Object(
  {
    id: Type.String(),
    name: Type.String({ description: 'What it is for' }),
    owner: Type.String(),
    scopes: Type.Array(OneOf(TOKEN_SCOPES, 'What it may do')),
    createdAtMs: TimeMs('By the clock'),
    expiresAtMs: TimeMs('By the clock'),
    lastUsedAtMs: Type.Optional(TimeMs('By the clock; absent: never')),
  },
  { description: 'An API token' },
);
export type ApiToken = Static<typeof ApiToken>;
export const ApiTokenList = Type.Object({ items: Type.Array(ApiToken) }, { description: 'All API tokens' });
export type ApiTokenList = Static<typeof ApiTokenList>;

/** POST tokens. */
export const NewTokenBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    scopes: Type.Array(OneOf(TOKEN_SCOPES, 'What it may do'), { minItems: 1, maxItems: TOKEN_SCOPES.length }),
    days: Type.Integer({ minimum: 1, maximum: 366, description: 'How long it is good for, days' }),
  },
  { ...strict, description: 'A new API token' },
);
export type NewTokenBody = Static<typeof NewTokenBody>;

/** Answer of POST tokens: the only time the secret is told. */
export const NewToken = Type.Object(
  { token: ApiToken, secret: Type.String({ description: 'Send as Authorization: Bearer …; not told again' }) },
  { description: 'A new API token with its secret' },
);
export type NewToken = Static<typeof NewToken>;

/** Who did what. GET audit. */
export const AuditEntry = Type.Object(
  {
    atMs: TimeMs('By the clock'),
    who: Type.String({ description: 'User, or token/NAME, or server' }),
    action: Type.String({ description: 'Such as triage.acknowledge, session.refused, suppression.add' }),
    subject: Type.String({ description: 'What it was done to; empty for none' }),
    details: Type.String({ description: 'JSON; never a secret' }),
    from: Type.String({ description: 'Address of the client; empty for the server itself' }),
  },
  { description: 'Who did what' },
);
export type AuditEntry = Static<typeof AuditEntry>;
export const AuditPage = PageOf(AuditEntry, 'The audit log, newest first');
export type AuditPage = Static<typeof AuditPage>;
export const AuditQuery = Type.Object({ ...PagingQuery }, strict);

/** GET version; the one resource, besides session, that needs no login. */
export const Version = Type.Object(
  { name: Type.String(), version: Type.String(), upMs: Count('How long the server has run') },
  { description: 'Which Weir this is' },
);
export type Version = Static<typeof Version>;
