/** Named in the page's Content-Security-Policy, which lets no other policy be made. */
export const TRUSTED_TYPES_POLICY = 'offgrid';
