using System.Diagnostics;
using System.Reflection;

namespace Kernmantle.Tests.Hosting;

/// <summary>The programs that the build has made for the tests (TestProgram in the project), and how one is run to its end.</summary>
internal static class Programs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>The repository.</summary>
    public static string Root { get; } = Told("RepositoryRoot");

    /// <summary>The C# compiler of the SDK, to be run by dotnet.</summary>
    public static string Compiler => Path.Combine(Told("Compiler"), "csc.dll");

    /// <summary>The analyzers of the library.</summary>
    public static string Analyzers => Told("Analyzers");

    /// <summary>The library of a program, in the folder that it was built into.</summary>
    public static string LibraryOf(string program) => Told($"TestProgram:{program}");

    /// <summary>The app host of a program.</summary>
    public static string Of(string program) => Path.ChangeExtension(LibraryOf(program), null);

    public static async Task<(int ExitCode, string Output)> RunAsync(string file, IEnumerable<string> arguments, string? directory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory ?? Root,
        };
        // A child of the test host is not a part of it.
        foreach (string name in start.Environment.Keys.Where(static k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || k.StartsWith("TESTINGPLATFORM", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{file} {string.Join(' ', arguments)} did not end within {Deadline}.");
        }
        return (process.ExitCode, await output + await error);
    }

    /// <summary>What the build has written into this assembly.</summary>
    private static string Told(string key) =>
        typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().SingleOrDefault(data => data.Key == key)?.Value
        ?? throw new InvalidOperationException($"The project of {typeof(Programs).Assembly.GetName().Name} names no {key}.");
}
