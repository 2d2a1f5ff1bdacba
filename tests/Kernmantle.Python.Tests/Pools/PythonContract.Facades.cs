using Kernmantle.Contracts.Requirements;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>Typed faces of modules: what the compiler has written calls what is there, and what is not there is found when the face is made.</summary>
public abstract partial class PythonContract
{
    private const string Face = "Modules/kmface.py";

    [PythonModule(Face)]
    internal partial interface IFace
    {
        Task<double> MeanAsync(ReadOnlyMemory<double> values);

        Task<string[]> MoveAllAsync(string[] names, string? prefix = null, bool upper = true, CallOptions? options = null, CancellationToken cancellationToken = default);

        [PythonName("describe")]
        Task<string> DescribeAsync(object? @object, string[] texts, int? not_given = null, [PythonName("class")] string @class = "k", CallOptions? options = null, CancellationToken token = default);

        IAsyncEnumerable<int> CountAsync(int until, CancellationToken cancellationToken = default);

        IAsyncEnumerable<long> CountLater(int until);

        IAsyncEnumerable<int> SquaresAsync(int until);

        Task<int?> LaterAsync(int value);

        Task NothingAsync();

        Task<string?> EitherAsync(string? value);

        Task<int> UnresolvedAsync(int value);

        Task<int> ByPosition(int first, int second);

        Task<int> ByName(int first, int second = 5);

        [PythonName("Box.doubled")]
        Task<int> DoubledAsync(int value);

        /// <summary>Not one of the module's.</summary>
        async Task<double> HalfOfMeanAsync(ReadOnlyMemory<double> values) => await MeanAsync(values) / 2;
    }

    [PythonModule(Face)]
    internal partial interface IWrong
    {
        Task<int> NoSuchAsync();

        [PythonName("not_callable")]
        Task<int> NotCallableAsync();

        Task<double> MeanAsync();

        [PythonName("another_three")]
        Task<int> FourAsync(int first, int second, int third, int fourth);

        Task<int> Three(int second, int first, int third);

        [PythonName("another_by_name")]
        Task<int> ByNameByPosition(int first, int second);

        Task<int> ByName(int first, int? second = null);

        Task<int> ByPosition(int first, int second = 2);

        Task<int[]> CountAsync(int until);

        Task<int[]> CountLaterAsync(int until);

        IAsyncEnumerable<int> Number();

        Task<int> Text(int value);

        Task<int> Nothing();

        Task<string[]> MoveAll(string[] names, [PythonName("names")] string[]? again = null, bool lower = false);

        [PythonName("Box")]
        Task<object> BoxAsync();
    }

    [PythonModule("math")]
    internal partial interface IMath
    {
        Task<double> Sqrt(double x);

        [PythonName("hypot")]
        Task<double> HypotAsync(double a, double b);
    }

    [PythonModule("kmnowhere")]
    internal partial interface INowhere
    {
        Task<int> F();
    }

    [PythonModule("nowhere.py")]
    internal partial interface INoFile
    {
        Task<int> F();
    }

    [PythonModule("Modules/kmraises.py")]
    internal partial interface IRaises
    {
        Task<int> F();
    }

    [Needs("annotations")]
    [Fact]
    public async Task A_typed_face_calls_the_functions_of_its_file()
    {
        await using PythonPool pool = Create(2, new() { ModulePaths = [AppContext.BaseDirectory] });
        IFace face = await pool.BindAsync<IFace>().WaitAsync(Deadline);
        Assert.Equal(2.0, await face.MeanAsync(new double[] { 1, 2, 3 }));
        Assert.Equal(1.0, await face.HalfOfMeanAsync(new double[] { 1, 2, 3 }));
        AssertItems(["to-A", "to-B"], await face.MoveAllAsync(["a", "b"]));
        AssertItems(["c"], await face.MoveAllAsync(["c"], prefix: "", upper: false, new() { Name = "mine" }, TestContext.Current.CancellationToken));
        Assert.Equal("(None, ['a', 'b']) [('class', 'k')]", await face.DescribeAsync(null, ["a", "b"]));
        Assert.Equal("([1], []) [('class', 'x'), ('not_given', 0)]", await face.DescribeAsync(new List<int> { 1 }, [], 0, "x"));
        AssertItems([0, 1, 2], await ToListAsync(face.CountAsync(3)));
        AssertItems([0L, 1], await ToListAsync(face.CountLater(2)));
        AssertItems([0, 1, 4], await ToListAsync(face.SquaresAsync(3)));
        Assert.Equal((7, null, 3, 7, 8, 10), (await face.LaterAsync(7), await face.EitherAsync(null), await face.UnresolvedAsync(3), await face.ByPosition(3, 4), await face.ByName(3), await face.DoubledAsync(5)));
        await face.NothingAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => face.MoveAllAsync([], cancellationToken: new(canceled: true)));
    }

    [Needs("annotations")]
    [Fact]
    public async Task Everything_that_differs_is_found_when_the_face_is_made()
    {
        PythonPool pool = await shared.GetAsync(this);
        PythonSignatureException wrong = await Assert.ThrowsAsync<PythonSignatureException>(() => pool.BindAsync<IWrong>());
        string file = Path.Combine(AppContext.BaseDirectory, Face);
        string[] expected =
        [
            $"NoSuchAsync: Module 'kmface' ({file}) has no 'no_such'.",
            "NotCallableAsync: 'not_callable' in module 'kmface' is a int and cannot be called. Read it with EvalAsync.",
            "MeanAsync: mean(values) needs 'values', which the method does not give.",
            "FourAsync: another_three(first, second, third) takes 3 by position, and 'fourth' is one more.",
            "Three: three(first, second, third) has 'first' where the method gives 'second'.",
            "Three: three(first, second, third) has 'second' where the method gives 'first'.",
            "ByNameByPosition: another_by_name(first, second) takes 'second' by its name only: give it a default value in the method.",
            "ByName: by_name(first, second) needs 'second', which the method leaves out where it is null: take its default value away, or give it another one.",
            "ByPosition: by_position(first, second=…) takes 'second' by its position only: take its default value away in the method.",
            "CountAsync: 'count' yields: let the method return IAsyncEnumerable<T>.",
            "CountLaterAsync: 'count_later' yields: let the method return IAsyncEnumerable<T>.",
            "Number: 'number' returns int, which yields nothing: let the method return Task<T>.",
            "Text: 'text' returns str, which is no Int32.",
            "Text: text(value) takes str as 'value', and the method gives Int32.",
            "Nothing: 'nothing' returns None, which is no Int32.",
            "MoveAll: move_all(names, prefix=…, upper=…) gets 'names' twice, by its position and by its name.",
            "MoveAll: move_all(names, prefix=…, upper=…) has no 'lower', by whose name the method gives it.",
            "BoxAsync: Box(held) needs 'held', which the method does not give.",
        ];
        Assert.Equal(expected, wrong.Mismatches);
        Assert.Equal($"IWrong does not fit the module '{file}':{string.Concat(expected.Select(static said => Environment.NewLine + "- " + said))}", wrong.Message);
        Assert.Equal((file, "bind IWrong", 0L), (wrong.ModuleName, wrong.CallName, pool.Statistics.Replaced));
    }

    [Needs("annotations")]
    [Fact]
    public async Task A_face_of_a_module_by_its_name_whose_functions_are_written_in_C()
    {
        PythonPool pool = await shared.GetAsync(this);
        IMath math = await pool.BindAsync<IMath>();
        Assert.Equal((3.0, 5.0), (await math.Sqrt(9), await math.HypotAsync(3, 4)));
    }

    [Needs("annotations")]
    [Fact]
    public async Task A_module_that_is_not_there_or_fails_while_it_is_imported_fails_the_face()
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Contains("ModulePaths", (await Assert.ThrowsAsync<PythonFunctionNotFoundException>(() => pool.BindAsync<INowhere>())).Message, StringComparison.Ordinal);
        Assert.Contains("CopyToOutputDirectory", (await Assert.ThrowsAsync<FileNotFoundException>(() => pool.BindAsync<INoFile>())).Message, StringComparison.Ordinal);
        for (int i = 0; i < 2; i++)   // half imported, it would be there
            Assert.Equal("ZeroDivisionError", (await Assert.ThrowsAsync<PythonException>(() => pool.BindAsync<IRaises>())).TypeName);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("annotations")]
    [Fact]
    public async Task A_file_whose_name_is_that_of_another_module_is_that_file()
    {
        string folder = Directory.CreateTempSubdirectory().FullName, file = Path.Combine(folder, "json.py");
        await File.WriteAllTextAsync(file, "import json\ndef f(): return json.dumps([__name__])");
        await using (PythonPool pool = Create())
        {
            Assert.Equal($"""["{file}"]""", await pool.CallAsync<string>(file + ":f"));
            Assert.Equal("[1]", await pool.CallAsync<string>("json:dumps", new List<int> { 1 }));
            PythonFunctionNotFoundException missing = await Assert.ThrowsAsync<PythonFunctionNotFoundException>(() => pool.CallAsync<int>(file + ":g"));
            Assert.Contains(file, missing.Message, StringComparison.Ordinal);
            foreach (string other in (string[])[Path.Combine(folder, "none.py"), folder])
                Assert.Equal($"There is no Python file '{other}'.", (await Assert.ThrowsAsync<PythonFunctionNotFoundException>(() => pool.CallAsync<int>(other + ":f"))).Message);
        }
        Directory.Delete(folder, true);
    }

    [Needs("annotations")]
    [Theory]
    [InlineData("lambda module, names: None")]
    [InlineData("lambda module, names: []")]
    [InlineData("lambda module, names: [None, None]")]
    [InlineData("lambda module, names: [dict(missing=None, kind=None, parameters=None, result=None)] * 2")]
    [InlineData("lambda module, names: [dict(missing=None, kind='', parameters=[None], result=None)] * 2")]
    [InlineData("lambda module, names: [dict(missing=None, kind='', parameters=None, result=[None])] * 2")]
    [InlineData("lambda module, names: 'text'")]
    public async Task A_worker_that_says_something_else_than_what_it_was_asked_is_not_believed(string signatures)
    {
        await using PythonPool pool = Create(1, new() { Setup = $"import kernmantle; kernmantle._signatures = {signatures}" });
        await Assert.ThrowsAsync<PythonConversionException>(() => pool.BindAsync<IMath>());
    }
}
