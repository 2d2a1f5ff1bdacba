using System.CommandLine;
using Kernmantle;
using Kernmantle.Python;
using SharedBySamples;

Argument<string?> script = new("script") { Description = "The Python file; first.py beside this program by default.", Arity = ArgumentArity.ZeroOrOne };
Argument<string[]> arguments = new("arguments") { Description = "What sys.argv has behind the file.", Arity = ArgumentArity.ZeroOrMore };
Option<string?> interpreter = new("--python") { Description = "The interpreter; KERNMANTLE_PYTHON, the active virtual environment or python3 by default.", HelpName = "path" };

RootCommand command = new("""
    Runs a Python program, unchanged, in an isolated interpreter: what it logs and prints arrives in this program's log.

    Examples:
      PythonThreads                     the note's program: a Python thread, joined
      PythonThreads some/script.py      any file
      PythonThreads --python pypy3      in another interpreter

    Exit codes: the script's own; 1 if it raised; 2 wrong use, or no such interpreter; 3 if its interpreter died; 130 interrupted.
    """)
{
    script, arguments, interpreter,
};
command.SetAction(async (parsed, token) =>
{
    string path = parsed.GetValue(script) ?? Path.Combine(AppContext.BaseDirectory, "first.py");
    try
    {
        await using var pool = new PythonPool(1, new() { Interpreter = parsed.GetValue(interpreter), LoggerFactory = KernmantleLog.DefaultFactory });
        return await pool.RunScriptAsync(path, parsed.GetValue(arguments), cancellationToken: token);
    }
    catch (PythonException e)
    {
        Console.Error.Write(e.Traceback);
        return 1;
    }
    catch (PythonNotFoundException e)
    {
        return CommandLine.WrongUse(CommandLine.NamedInterpreter(e.Message));
    }
    catch (WorkerException e)
    {
        Console.Error.WriteLine($"PythonThreads: {e.Message}");
        return 3;
    }
    catch (FileNotFoundException e)
    {
        return CommandLine.WrongUse(e.Message);
    }
    catch (OperationCanceledException)
    {
        return 130;
    }
});

return await command.RunAsync(args);
