using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Kernmantle.Python.Interpreters;
using Kernmantle.Python.Workers;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Python.Agent;

/// <summary>
/// The agent as one interpreter compiles it, which takes a third of a worker's start: done once for each interpreter, beside the first worker, by a
/// process that runs nothing else. Never by a worker: what one of them says, the others do not run.
/// </summary>
internal static class AgentCode
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<(FoundInterpreter Interpreter, DateTime Changed), Lazy<Task<byte[]>>> Known = [];

    /// <summary>What a worker of that interpreter is to be sent now: the code if it is there, else the source text.</summary>
    public static byte[] For(PythonSettings settings)
    {
        FoundInterpreter interpreter = settings.Interpreter;
        if (interpreter.Agent.Compiler is null || (HasOwnSurroundings(settings.Options) && IsScript(interpreter.Path)))
            return interpreter.Agent.Text;
        Task<byte[]> code = Known.GetOrAdd((interpreter, File.GetLastWriteTimeUtc(interpreter.Path)), key => new(() => CompileAsync(key.Interpreter, settings.Log))).Value;
        return code.IsCompletedSuccessfully ? code.Result : interpreter.Agent.Text;
    }

    private static bool HasOwnSurroundings(PythonPoolOptions options) =>
        options.Environment.Count > 0 || options.PassedVariables is not null || options.WorkingDirectory is not null;

    /// <summary>A launcher, as pyenv's: which interpreter it starts may be up to variables and the folder, and here, in this process's own, be another than for the workers.</summary>
    private static bool IsScript(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return file.ReadByte() == '#' && file.ReadByte() == '!';
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;   // what cannot be read no shell could run
        }
    }

    private static async Task<byte[]> CompileAsync(FoundInterpreter interpreter, ILogger log)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);   // never on the caller's SynchronizationContext
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(interpreter.Path, ["-I", "-S", "-c", interpreter.Agent.Compiler!])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using var bound = new CancellationTokenSource(Bound);
            using CancellationTokenRegistration late = bound.Token.Register(static p => ((Process)p!).Kill(), process);
            var output = new MemoryStream();
            Task reading = Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(output), process.StandardError.ReadToEndAsync());
            await process.StandardInput.BaseStream.WriteAsync(interpreter.Agent.Text).ConfigureAwait(false);
            process.StandardInput.Close();
            await reading.ConfigureAwait(false);
            await process.WaitForExitAsync().ConfigureAwait(false);
            if (process.ExitCode == 0 && output.Length > interpreter.Agent.Text.Length / 4 && output.GetBuffer()[0] == 0)
                return output.ToArray();
            PythonEvents.AgentNotCompiled(log, interpreter.Path, process.ExitCode);
        }
        catch (Exception e) when (e is IOException or Win32Exception or InvalidOperationException)
        {
            PythonEvents.AgentCompilerFailed(log, e, interpreter.Path);
        }
        return interpreter.Agent.Text;
    }
}
