using System.Diagnostics;
using Kernmantle.Benchmarks.Measuring;
using Python.Runtime;

// Usage: InProcess PYTHON FOLDER WHAT [warm ms] [time ms] [count]; prints one JSON line. The interpreter is in this process; FOLDER has work.py.
if (args is not [var python, var folder, ("call" or "increment" or "two") and var what, .. var numbers])
{
    Console.Error.WriteLine("Usage: InProcess PYTHON FOLDER call|increment|two [warm ms] [time ms] [count]");
    return 2;
}

const string Library = "import os, sysconfig; v = sysconfig.get_config_var; p = os.path.join(v('LIBDIR'), v('INSTSONAME')); print(p if os.path.exists(p) else v('INSTSONAME'))";
using (Process asked = Process.Start(new ProcessStartInfo(python, ["-c", Library]) { RedirectStandardOutput = true })!)
    Runtime.PythonDLL = (await asked.StandardOutput.ReadToEndAsync()).Trim();
try
{
    PythonEngine.Initialize();
}
catch (DllNotFoundException e)
{
    Console.Error.WriteLine($"{Runtime.PythonDLL} cannot be loaded (Debian: apt-get install libpython3-dev): {e.Message}");
    return 1;
}
PythonEngine.BeginAllowThreads();
Settings settings = Settings.Parse(numbers);
PyObject function, argument;
using (Py.GIL())
{
    using PyObject sys = Py.Import("sys"), path = sys.GetAttr("path"), at = new PyString(folder);
    path.InvokeMethod("insert", new PyInt(0), at).Dispose();
    using PyObject work = Py.Import("work");
    function = work.GetAttr(what switch { "call" => "nothing", "increment" => "increment", _ => "compute" });
    argument = new PyInt(Load.Steps);
}

Action once = what switch
{
    "call" => () =>
    {
        using (Py.GIL())
            function.Invoke().Dispose();
    },
    "increment" => () =>
    {
        using (Py.GIL())
        {
            using PyObject number = new PyInt(41), result = function.Invoke(number);
            if (result.As<int>() != 42)
                throw new InvalidOperationException($"41 incremented is {result}.");
        }
    },
    _ => () => Parallel.Invoke(Compute, Compute),
};
Latency.OnDedicatedThread(settings, once).Print();
return 0;

void Compute()
{
    using (Py.GIL())
        function.Invoke(argument).Dispose();
}
