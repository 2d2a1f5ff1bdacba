using Kernmantle.Python.Agent;

namespace Kernmantle.Python.Interpreters;

/// <summary>Which interpreter is started: the option, <c>KERNMANTLE_PYTHON</c>, the active virtual environment, then <c>python3</c>.</summary>
internal static class InterpreterLocator
{
    public const string Variable = "KERNMANTLE_PYTHON";

    /// <exception cref="PythonNotFoundException">There is none where one was named, or none at all.</exception>
    public static FoundInterpreter Find(string? option)
    {
        var found = FoundInterpreter.At(FindFile(option));
        if (found.Agent == AgentSource.Jython && !HasJava())
            throw new PythonNotFoundException($"'{found.Path}' needs Java: there is no java in PATH, and JAVA_HOME names none. Install Java 8 or later (Debian: apt-get install default-jre-headless).");
        return found;
    }

    private static string FindFile(string? option)
    {
        if (option is not null)
            return Resolve(option, $"{nameof(PythonPoolOptions)}.{nameof(PythonPoolOptions.Interpreter)}");
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return Resolve(named, $"the environment variable {Variable}");
        if (Environment.GetEnvironmentVariable("VIRTUAL_ENV") is { Length: > 0 } folder)
            return Resolve(Path.Combine(folder, "bin", "python"), "the active virtual environment (VIRTUAL_ENV)");
        return OnPath("python3") ?? throw new PythonNotFoundException(
            $"No Python interpreter was found: there is no python3 in PATH. Install Python 3.8 or later, or name one by {nameof(PythonPoolOptions)}.{nameof(PythonPoolOptions.Interpreter)} or {Variable}.");
    }

    private static string Resolve(string name, string source)
    {
        string? path = name.Contains(Path.DirectorySeparatorChar) ? Path.GetFullPath(name) : OnPath(name);
        if (path is null)
            throw new PythonNotFoundException($"There is no '{name}' in PATH, which {source} names. Install it (Debian: apt-get install python3, pypy3 or jython), or name its path.");
        if (Directory.Exists(path))
            throw new PythonNotFoundException($"'{path}', which {source} names, is a folder. Name the interpreter in it: {Path.Combine(path, "bin", "python3")}?");
        if (!File.Exists(path))
            throw new PythonNotFoundException($"There is no file '{path}', which {source} names.");
        return IsExecutable(path) ? path : throw new PythonNotFoundException($"'{path}', which {source} names, cannot be executed.");
    }

    private static bool HasJava() =>
        OnPath("java") is not null || (Environment.GetEnvironmentVariable("JAVA_HOME") is { Length: > 0 } home && File.Exists(Path.Combine(home, "bin", "java")));

    private static string? OnPath(string name)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.GetFullPath(Path.Combine(folder, name));
            if (File.Exists(path) && IsExecutable(path))
                return path;
        }
        return null;
    }

    private static bool IsExecutable(string path) =>
        OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
