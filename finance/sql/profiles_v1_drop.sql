-- Purpose: undo profiles_v1.sql.
DROP TRIGGER finance_profileaccount_no_truncate ON finance_profileaccount;
DROP TRIGGER finance_postingprofile_no_truncate ON finance_postingprofile;
DROP FUNCTION finance_refuse_profiles_gone_v1();
DROP TRIGGER finance_profileaccount_frozen ON finance_profileaccount;
DROP FUNCTION finance_refuse_approved_profile_account_v1();
DROP TRIGGER finance_postingprofile_preparer ON finance_postingprofile;
DROP TRIGGER finance_postingprofile_late ON finance_postingprofile;
DROP FUNCTION finance_refuse_early_profile_v1();
DROP TRIGGER finance_postingprofile_frozen ON finance_postingprofile;
DROP FUNCTION finance_refuse_approved_profile_v1();
