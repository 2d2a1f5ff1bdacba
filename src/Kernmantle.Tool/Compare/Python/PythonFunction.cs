using System.Text.Json;
using Kernmantle.Python;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare.Model;
using Kernmantle.Tool.Lab.Running;
using Kernmantle.Tool.Subjects;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Tool.Compare.Python;

/// <summary><c>script.py:function</c>: where it is, and what it gets.</summary>
/// <param name="Arguments">For each call its positional arguments: one, or none.</param>
internal sealed record PythonFunction(string File, string Name, object?[][] Arguments)
{
    /// <summary>Whether a command line names a Python function, rather than an assembly.</summary>
    public static bool IsNamedBy(string subject) => subject.EndsWith(".py", StringComparison.Ordinal) || subject.Contains(".py:", StringComparison.Ordinal);

    /// <exception cref="ToolException">There is no such file, or an input is no value.</exception>
    public static PythonFunction Parse(string subject, Inputs inputs)
    {
        int colon = subject.LastIndexOf(':');
        if (colon <= 0 || colon == subject.Length - 1)
            throw new ToolException($"'{subject}' names no function.", "Write script.py:function.");
        string file = Path.GetFullPath(subject[..colon]);
        return System.IO.File.Exists(file)
            ? new(file, subject[(colon + 1)..], [.. inputs.Texts.Select((text, index) => Bind(text, index, inputs.Kind))])
            : throw new ToolException($"There is no file '{subject[..colon]}'.", "Name a Python script and a function in it: script.py:function.");
    }

    public static Comparable Prepare(string subject, string? method, Inputs inputs, int workers, TimeSpan timeout, string? interpreter, ILoggerFactory? loggers)
    {
        if (method is not null)
            throw new ToolException($"'{method}' is one word too many.", "A script's function is named with it: script.py:function.");
        PythonFunction function = Parse(subject, inputs);
        Scratch scratch = new();
        try
        {
            using (Stream resource = typeof(PythonFunction).Assembly.GetManifestResourceStream("compare/kern_compare.py") ?? throw new InvalidOperationException("The Python module is missing from this build."))
            using (FileStream file = System.IO.File.Create(scratch.Path("kern_compare.py")))
                resource.CopyTo(file);
            PythonPoolOptions Options(string name) => new() { Name = name, LoggerFactory = loggers, Interpreter = interpreter, ModulePaths = [scratch.Folder], DrainTimeout = TimeSpan.Zero };
            return new(
                subject,
                [
                    new InsidePlace(Place.Sequential, "sequential", function, workers, timeout, Options),
                    new InsidePlace(Place.Threads, "threads", function, workers, timeout, Options),
                    new InsidePlace(Place.EventLoop, "asyncio", function, workers, timeout, Options),
                    new BesidePlace(function, workers, timeout, Options, scratch.Folder),
                ],
                ["Not under a lock of this tool: Python has its own. Allocations and pauses are not told by Python."],
                scratch);
        }
        catch (PythonNotFoundException e)
        {
            scratch.Dispose();
            throw NamedInterpreter.Missing(e);
        }
    }

    private static object?[] Bind(string text, int index, InputKind kind)
    {
        if (kind == InputKind.None)
            return [];
        if (kind != InputKind.Json)
            return [text];
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return [ValueOf(json.RootElement)];
        }
        catch (JsonException e)
        {
            throw new ToolException($"Input {index + 1} is no JSON: {e.Message}", "Mend it, or leave it out.", inner: e);
        }
    }

    private static object? ValueOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().ToDictionary(static member => member.Name, static member => ValueOf(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(ValueOf).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.TryGetInt64(out long whole) ? whole : json.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
