namespace AssemblySurvey.Reading;

/// <summary>One file to survey: what is sent to a worker.</summary>
/// <param name="Group">The framework (or folder) the file is counted under.</param>
/// <param name="Name">The path relative to the surveyed root.</param>
/// <param name="Path">The absolute path.</param>
/// <param name="Runs">
/// True for generated hostile items whose reading means running them. Never true for a file that was found on the
/// disk: nothing in a file can make the survey execute that file.
/// </param>
internal sealed record SurveyItem(string Group, string Name, string Path, bool Runs = false);
