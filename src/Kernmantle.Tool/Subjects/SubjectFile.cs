using System.Diagnostics;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Subjects;

/// <summary>What the user names: an assembly, or a project that is built first.</summary>
internal static class SubjectFile
{
    /// <summary>The assembly's absolute path.</summary>
    /// <exception cref="ToolException">There is none, or the project does not build.</exception>
    public static async Task<string> FindAsync(string named, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(named);
        if (Directory.Exists(path))
        {
            string[] projects = Directory.GetFiles(path, "*.csproj");
            path = projects is [var only] ? only : throw new ToolException($"The folder '{named}' has {projects.Length} projects.", "Name a project or an assembly.");
        }
        if (!File.Exists(path))
            throw new ToolException($"There is no file '{named}'.", "Name an assembly (.dll), a project (.csproj) or a folder with one.");
        return path.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase) ? await BuildAsync(path, cancellationToken) : path;
    }

    private static async Task<string> BuildAsync(string project, CancellationToken cancellationToken)
    {
        (int code, string output) = await DotnetAsync(["build", project, "-c", "Release", "-nologo", "-v", "q", "-clp:NoSummary"], cancellationToken);
        if (code != 0)
            throw new ToolException($"'{project}' does not build: {output.Split('\n').FirstOrDefault(static l => l.Contains("error", StringComparison.Ordinal))?.Trim() ?? output.Trim()}", "Mend it, or name an assembly.");
        (code, output) = await DotnetAsync(["msbuild", project, "-getProperty:TargetPath", "-p:Configuration=Release"], cancellationToken);
        string path = output.Trim();
        return code == 0 && File.Exists(path) ? path : throw new ToolException($"'{project}' was built, and where to is not known: {path}", "Name its assembly.");
    }

    private static async Task<(int Code, string Output)> DotnetAsync(string[] arguments, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, output + await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
