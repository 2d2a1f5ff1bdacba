namespace Kernmantle.Tests.Samples;

internal static class Python
{
    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':')
        .Any(static folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "python3")));
}
