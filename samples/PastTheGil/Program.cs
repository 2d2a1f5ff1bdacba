using System.CommandLine;
using Kernmantle;
using Kernmantle.Python;
using PastTheGil;
using SharedBySamples;

Option<string?> script = new("--script") { Description = "A function of your own: it gets one input and returns a value.", HelpName = "file.py:function" };
Option<string?> inputs = new("--inputs") { Description = "The inputs: a pattern of file names, or a file with one input per line. The XML documentation of the installed .NET by default.", HelpName = "pattern|@file" };
Option<int> workers = new("--workers") { Description = "How many threads, and how many processes; the processor count by default.", HelpName = "n", DefaultValueFactory = static _ => Environment.ProcessorCount, CustomParser = CommandLine.Workers };
Option<string?> interpreter = new("--python") { Description = "The interpreter; KERNMANTLE_PYTHON, the active virtual environment or python3 by default.", HelpName = "path" };

RootCommand command = new("""
    One CPU-bound Python function over many files, four ways in one run: one after the other, on threads and on asyncio inside one interpreter,
    and in several interpreters. Says which of them a global lock holds up, and checks that all gave the same answer.

    Examples:
      PastTheGil                                         word frequencies of the installed .NET's documentation
      PastTheGil --script mine.py:parse --inputs 'data/*.json'
      PastTheGil --script mine.py:parse --inputs @names.txt      one input per line of a file
      PastTheGil --python python3.13t                    a free-threaded interpreter
      PastTheGil --python jython                         one without a global lock

    Exit codes: 0 all answers are the same; 1 they differ, or the function raised; 2 wrong use, or no such interpreter; 3 an interpreter died; 130 interrupted.
    """)
{
    script, inputs, workers, interpreter,
};
command.SetAction(async (parsed, token) =>
{
    try
    {
        Work work = Work.Of(parsed.GetValue(script), parsed.GetValue(inputs));
        int count = parsed.GetValue(workers);
        Comparison comparison = await Comparison.RunAsync(work, count, parsed.GetValue(interpreter), token);
        Report.Write(comparison);
        return comparison.AllAgree ? 0 : 1;
    }
    catch (WrongUseException e)
    {
        return CommandLine.WrongUse(e.Message);
    }
    catch (PythonNotFoundException e)
    {
        return CommandLine.WrongUse(CommandLine.NamedInterpreter(e.Message));
    }
    catch (PythonException e)
    {
        Console.Error.Write(e.Traceback);
        return 1;
    }
    catch (WorkerException e)
    {
        Console.Error.WriteLine($"PastTheGil: {e.Message}");
        return 3;
    }
    catch (OperationCanceledException)
    {
        return 130;
    }
});

return await command.RunAsync(args);
