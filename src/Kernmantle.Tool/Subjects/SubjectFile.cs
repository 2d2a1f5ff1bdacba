using System.Diagnostics;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Subjects;

/// <summary>The assembly that a command line names: a file, or what a project builds.</summary>
internal static class SubjectFile
{
    private static readonly string[] ProjectKinds = [".csproj", ".fsproj", ".vbproj"];

    /// <param name="named">An assembly, a project, or a folder with one project.</param>
    /// <param name="building">Called before a project is built.</param>
    /// <returns>The full path of the assembly.</returns>
    /// <exception cref="ToolException">There is no such file, or the project does not build.</exception>
    public static async Task<string> ResolveAsync(string named, Action<string> building, CancellationToken cancellationToken)
    {
        if (named.Length == 0)
            throw new ToolException("An empty name is no assembly.", "Name an assembly, a project, or a folder with one project.");
        string path = Path.GetFullPath(named);
        if (Directory.Exists(path))
            path = ProjectIn(path, named);
        else if (!File.Exists(path))
            throw new ToolException($"There is no file '{named}'.", Missing(path));
        if (!ProjectKinds.Contains(Path.GetExtension(path)))
            return path;
        building(Path.GetFileName(path));
        return await BuildAsync(path, cancellationToken);
    }

    private static string ProjectIn(string folder, string named)
    {
        string[] projects = [.. Directory.EnumerateFiles(folder).Where(static file => ProjectKinds.Contains(Path.GetExtension(file)))];
        return projects switch
        {
            [var only] => only,
            [] => throw new ToolException($"There is no project in '{named}'.", "Name an assembly, a project, or a folder with one project."),
            _ => throw new ToolException($"There are {projects.Length} projects in '{named}'.", $"Name one: {string.Join(", ", projects.Select(Path.GetFileName))}."),
        };
    }

    private static string Missing(string path) =>
        Directory.Exists(Path.GetDirectoryName(path))
            ? NearNames.Remedy(Path.GetFileName(path), Directory.EnumerateFiles(Path.GetDirectoryName(path)!).Select(static file => Path.GetFileName(file)))
            : "Its folder does not exist either.";

    private static async Task<string> BuildAsync(string project, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // A property alone would be read without building: the target is named.
        foreach (string argument in (string[])["build", project, "-c", "Release", "--nologo", "-v", "quiet", "-t:Build", "--getProperty:TargetPath"])
            start.ArgumentList.Add(argument);
        // A build server that outlives this command would keep its standard output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)
            ?? throw new ToolException("'dotnet build' could not be started.", "Install the SDK, or name an assembly that has been built.");
        try
        {
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            output += await error;
            await process.WaitForExitAsync(cancellationToken);
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (process.ExitCode != 0)
            {
                throw new ToolException(
                    $"{Path.GetFileName(project)} does not build: {lines.FirstOrDefault(static line => line.Contains("error", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "no message."}",
                    "'dotnet build' shows all errors.");
            }
            return lines.LastOrDefault(File.Exists)
                ?? throw new ToolException($"{Path.GetFileName(project)} has no single output.", "A project with several target frameworks has several: name the assembly of one.");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
