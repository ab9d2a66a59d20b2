// Written by scripts/write-wire-overlay.py; do not edit.
import type { Overlay } from './overlay.ts'

export const overlay: Overlay = {
  source: "botocore 1.43.11, sts 2011-06-15",
  enums: [
  ],
  rules: {
    "AssumeRoleRequest": {"DurationSeconds":"i"},
    "AssumeRoleWithSAMLRequest": {"DurationSeconds":"i"},
    "AssumeRoleWithWebIdentityRequest": {"DurationSeconds":"i"},
    "AssumeRootRequest": {"DurationSeconds":"i"},
    "GetFederationTokenRequest": {"DurationSeconds":"i"},
    "GetSessionTokenRequest": {"DurationSeconds":"i"},
    "GetWebIdentityTokenRequest": {"DurationSeconds":"i"},
  },
  errors: {
    "AssumeRole": ["ExpiredTokenException","MalformedPolicyDocumentException","PackedPolicyTooLargeException","RegionDisabledException"],
    "AssumeRoleWithSAML": ["ExpiredTokenException","IDPRejectedClaimException","InvalidIdentityTokenException","MalformedPolicyDocumentException","PackedPolicyTooLargeException","RegionDisabledException"],
    "AssumeRoleWithWebIdentity": ["ExpiredTokenException","IDPCommunicationErrorException","IDPRejectedClaimException","InvalidIdentityTokenException","MalformedPolicyDocumentException","PackedPolicyTooLargeException","RegionDisabledException"],
    "AssumeRoot": ["ExpiredTokenException","RegionDisabledException"],
    "DecodeAuthorizationMessage": ["InvalidAuthorizationMessageException"],
    "GetDelegatedAccessToken": ["ExpiredTradeInTokenException","PackedPolicyTooLargeException","RegionDisabledException"],
    "GetFederationToken": ["MalformedPolicyDocumentException","PackedPolicyTooLargeException","RegionDisabledException"],
    "GetSessionToken": ["RegionDisabledException"],
    "GetWebIdentityToken": ["JWTPayloadSizeExceededException","OutboundWebIdentityFederationDisabledException","SessionDurationEscalationException"],
  },
  aliases: {
  },
}
