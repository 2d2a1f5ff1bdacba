using System.Collections.Concurrent;
using System.Diagnostics;

namespace Kernmantle.Contracts.Requirements;

/// <summary>Programs that a machine may have.</summary>
public static class InstalledPrograms
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Executables = [];
    private static readonly ConcurrentDictionary<(string Interpreter, string Module), Lazy<bool>> Modules = [];

    /// <summary>Where a program is: a path, or a name in PATH. Null where it is not.</summary>
    public static string? Find(string program) => program.Contains('/')
        ? File.Exists(program) ? program : null
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>
    /// The file that an interpreter is in the end, asked once: pyenv's python3 is a shell script, one start of which costs what ten of an interpreter
    /// do. Tests of how an interpreter is found use the name.
    /// </summary>
    public static string Interpreter(string name) => Executables.GetOrAdd(name, static name => new(() => Ask(name))).Value;

    /// <summary>Whether an interpreter can import a module, asked once.</summary>
    public static bool HasModule(string interpreter, string module) => Modules.GetOrAdd((interpreter, module), static key => new(() => CanImport(key.Interpreter, key.Module))).Value;

    private static bool CanImport(string interpreter, string module)
    {
        using Process process = Process.Start(new ProcessStartInfo(interpreter, ["-c", $"import {module}"]) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static string Ask(string name)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, ["-S", "-c", "import sys; print(sys.executable)"]) { RedirectStandardOutput = true })!;
        string executable = process.StandardOutput.ReadToEnd().Trim();
        return File.Exists(executable) ? executable : throw new FileNotFoundException($"{name} says that it is '{executable}'.");
    }
}
